import assert from 'node:assert/strict';

describe('the links of the README', () => {
  const tool = import('../scripts/readme-links.mjs');
  const page =
    '![Flow](docs/flow.png) and [more](docs/more.md#start), [top](#top), [npm](https://npmjs.com/)';
  const absolute =
    '![Flow](https://github.com/me/it/raw/HEAD/docs/flow.png) and ' +
    '[more](https://github.com/me/it/blob/HEAD/docs/more.md#start), [top](#top), [npm](https://npmjs.com/)';

  for (const repository of [
    'me/it',
    'github:me/it',
    'https://github.com/me/it',
    { url: 'git+https://github.com/me/it.git' },
    { url: 'git+ssh://git@github.com/me/it.git' },
    { url: 'git@github.com:me/it.git' },
  ])
    it(`become absolute with ${JSON.stringify(repository)}, once`, async () => {
      const { withAddresses } = await tool;
      assert.equal(withAddresses(page, repository), absolute);
      assert.equal(withAddresses(absolute, repository), absolute);
    });

  it('are a reason to remind of until they are', async () => {
    const { reminder } = await tool;
    assert.match(reminder(page, undefined) ?? '', /set `repository` in package\.json/);
    assert.match(reminder(page, 'me/it') ?? '', /run `node scripts\/readme-links\.mjs`/);
    assert.equal(reminder(absolute, 'me/it'), undefined);
  });
});
