// The record one is looking at: 写跟进 from anywhere begins with it.
import type { LogTarget } from './overlays';

let context: LogTarget = null;

export function setLogContext(target: LogTarget) {
  context = target;
}

export function logContext(): LogTarget {
  return context;
}
