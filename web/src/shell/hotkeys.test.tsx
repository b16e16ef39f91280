import { render } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { useHotkeys } from './hotkeys';

function Page({
  keys,
  level,
  children,
}: {
  keys: Record<string, () => void>;
  level?: 0 | 1;
  children?: React.ReactNode;
}) {
  useHotkeys(keys, level);
  return <div>{children}</div>;
}

function press(key: string, options: KeyboardEventInit = {}, target: Element = document.body) {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options }));
}

describe('keys', () => {
  it('do nothing while an input method composes', () => {
    const create = vi.fn();
    render(<Page keys={{ c: create }} />);
    press('c', { isComposing: true });
    expect(create).not.toHaveBeenCalled();
    press('c');
    expect(create).toHaveBeenCalledOnce();
  });

  it('are text inside a field, but for those with Ctrl', () => {
    const create = vi.fn();
    const palette = vi.fn();
    const { getByRole } = render(
      <Page keys={{ c: create, 'mod+k': palette }}>
        <input type="text" aria-label="x" />
      </Page>,
    );
    press('c', {}, getByRole('textbox'));
    press('k', { ctrlKey: true }, getByRole('textbox'));
    expect(create).not.toHaveBeenCalled();
    expect(palette).toHaveBeenCalledOnce();
  });

  it('of a page go before those of the frame, whichever came first', () => {
    const page = vi.fn();
    const frame = vi.fn();
    render(
      <Page keys={{ c: frame }} level={0}>
        <Page keys={{ c: page }} />
      </Page>,
    );
    press('c');
    expect([page.mock.calls.length, frame.mock.calls.length]).toEqual([1, 0]);
  });

  it('may follow each other', () => {
    const go = vi.fn();
    render(<Page keys={{ 'g c': go }} />);
    press('g');
    press('x');
    press('c');
    expect(go).not.toHaveBeenCalled();
    press('g');
    press('c');
    expect(go).toHaveBeenCalledOnce();
  });

  it('leave Enter to a focused button', () => {
    const open = vi.fn();
    const { getByRole } = render(
      <Page keys={{ Enter: open }}>
        <button type="button">x</button>
      </Page>,
    );
    press('Enter', {}, getByRole('button'));
    expect(open).not.toHaveBeenCalled();
  });

  it('rest while a window is open', () => {
    const create = vi.fn();
    render(
      <Page keys={{ c: create }}>
        <div role="dialog" />
      </Page>,
    );
    press('c');
    expect(create).not.toHaveBeenCalled();
  });
});
