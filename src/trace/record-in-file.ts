/** Records a trace in a file. */
import { type RecorderOptions, TraceRecorder } from './recorder';
import { softwareVersion } from './software';
import { TraceFile, type TraceFileOptions } from './trace-file';

export type RecordingOptions = Omit<TraceFileOptions, 'header'> &
  Pick<RecorderOptions, 'keepsPayload' | 'secrets'>;

export interface Recording {
  readonly recorder: TraceRecorder;
  /** Closes the file. */
  readonly close: () => void;
}

export function recordInFile(options: RecordingOptions): Recording {
  const file = new TraceFile({ ...options, header: () => recorder.begin() });
  const recorder = new TraceRecorder({
    ...options,
    software: softwareVersion(),
    now: () => performance.now(),
    write: (line) => file.write(line),
  });
  file.begin();
  return { recorder, close: () => file.close() };
}
