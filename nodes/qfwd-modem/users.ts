/**
 * The flow nodes that use a modem node. Node-RED passes an error of a config node to the flow of each user, so a Catch node
 * would receive it once for each user. So Node-RED sees a single user here, whose flow stands for the flows of all users.
 */
import type { Node, NodeMessage } from 'node-red';

/** The part of a flow or subflow of Node-RED that handles errors, see `handleError` in its Flow.js. */
interface RuntimeFlow {
  readonly catchNodes?: readonly CatchNode[];
  /** The flow that contains a subflow; receives errors that are not caught in the subflow. */
  readonly parent?: RuntimeFlow;
  /** @returns whether a Catch node received it */
  handleError(node: Node, error: unknown, message: object, reportedBy: Node): boolean;
}

interface CatchNode extends Node {
  /** Receives only errors that no other Catch node receives. */
  readonly uncaught?: boolean;
}

type UserNode = Node & { readonly _flow: RuntimeFlow };

export class Users {
  private readonly nodes = new Map<string, UserNode>();

  /** For the property `users` of the config node. */
  readonly asOne = {
    all: {
      _flow: {
        handleError: (node: Node, error: unknown, message: object) => this.report(node, error, message),
        handleStatus: () => false,
      },
    },
  };

  get isEmpty(): boolean {
    return this.nodes.size === 0;
  }

  add(user: Node): void {
    this.nodes.set(user.id, user as UserNode);
  }

  remove(user: Node): void {
    if (this.nodes.get(user.id) === user) this.nodes.delete(user.id);
  }

  /** Passes an error once to each Catch node that would receive it from any user. */
  private report(node: Node, error: unknown, message: object): boolean {
    const caught = new Map<CatchNode, NodeMessage>();
    for (const user of this.nodes.values()) {
      collecting(user._flow, caught).handleError(node, error, message, user);
    }
    const catchNodes = [...caught.keys()];
    const isCaughtElse = ({ z }: CatchNode) => catchNodes.some((other) => other.z === z && !other.uncaught);
    for (const [catchNode, copy] of caught) {
      if (!catchNode.uncaught || !isCaughtElse(catchNode)) catchNode.receive(copy);
    }
    return caught.size > 0;
  }
}

/** The same flow, whose Catch nodes do not receive anything: the first message for each is collected. */
function collecting(flow: RuntimeFlow, caught: Map<CatchNode, NodeMessage>): RuntimeFlow {
  const catchNodes = flow.catchNodes?.map((catchNode) => {
    const receive = (copy: NodeMessage): void => {
      if (!caught.has(catchNode)) caught.set(catchNode, copy);
    };
    return Object.create(catchNode, { receive: { value: receive } }) as CatchNode;
  });
  const parent = flow.parent && collecting(flow.parent, caught);
  return Object.create(flow, { catchNodes: { value: catchNodes }, parent: { value: parent } }) as RuntimeFlow;
}
