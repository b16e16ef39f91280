import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { describe, expect, it } from 'vitest';
import type { Session } from '../api/types';
import { addDays, wallClock } from '../format/time';
import type { Typed } from '../format/typed-date';
import { I18nProvider } from '../i18n';
import { zh } from '../i18n/zh';
import { adopt } from '../session/session';
import { DateField } from './date-field';

const ZONE = 'Asia/Shanghai';
const TODAY = wallClock(new Date(), ZONE).day;

adopt({
  user: { id: '1', name: '测试' },
  csrf: '',
  admin: [],
  company: { name: '', timezone: ZONE, currency: 'CNY' },
  demo: false,
} as unknown as Session);

let current: Typed | string | null = null;

function Field({ withTime }: { withTime?: boolean }) {
  const [value, setValue] = useState<Typed | string | null>(null);
  current = value;
  return (
    <I18nProvider value={{ language: 'zh', t: zh }}>
      <DateField id="d" label="日期" value={value} onChange={setValue} withTime={withTime} placeholder="日期" />
    </I18nProvider>
  );
}

describe('the date field', () => {
  it('says what it understood, and keeps it when one leaves', () => {
    render(<Field />);
    const input = screen.getByRole('textbox');
    fireEvent.change(input, { target: { value: '明天' } });
    expect(current).toEqual({ day: addDays(TODAY, 1), time: null });
    fireEvent.change(input, { target: { value: '3天后' } });
    expect(screen.getByRole('status').textContent).toContain('=');
    fireEvent.blur(input);
    expect(screen.queryByRole('status')).toBeNull();
    expect(current).toEqual({ day: addDays(TODAY, 3), time: null });
  });

  it('keeps what it does not understand, for the fault to be shown beside it', () => {
    render(<Field />);
    const input = screen.getByRole<HTMLInputElement>('textbox');
    fireEvent.change(input, { target: { value: '改天再说' } });
    fireEvent.blur(input);
    expect(current).toBe('改天再说');
    expect(input.value).toBe('改天再说');
  });

  it('takes nine in the morning where only a day is typed', () => {
    render(<Field withTime />);
    fireEvent.change(screen.getByRole('textbox'), { target: { value: '明天' } });
    expect(current).toEqual({ day: addDays(TODAY, 1), time: '09:00' });
  });

  it('does not submit a form by the Enter that accepts a date or ends a composition', () => {
    render(<Field />);
    const input = screen.getByRole('textbox');
    fireEvent.change(input, { target: { value: '明天' } });
    const composing = new KeyboardEvent('keydown', {
      key: 'Enter',
      isComposing: true,
      bubbles: true,
      cancelable: true,
    });
    input.dispatchEvent(composing);
    expect(composing.defaultPrevented).toBe(false);
    const enter = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true });
    input.dispatchEvent(enter);
    expect(enter.defaultPrevented).toBe(true);
  });

  it('empties by its button', () => {
    render(<Field />);
    fireEvent.change(screen.getByRole('textbox'), { target: { value: '明天' } });
    fireEvent.blur(screen.getByRole('textbox'));
    fireEvent.click(screen.getByRole('button', { name: /清除日期/ }));
    expect(current).toBeNull();
  });
});
