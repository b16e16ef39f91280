// The date field reads free text in two languages and shows a calendar: too much to be part of every first look.
import { type ComponentProps, lazy, Suspense } from 'react';
import type { DateField as Loaded } from './date-field';

const Field = lazy(() => import('./date-field').then((module) => ({ default: module.DateField })));

export function DateField(props: ComponentProps<typeof Loaded>) {
  return (
    <Suspense fallback={<input id={props.id} className="control" disabled aria-busy />}>
      <Field {...props} />
    </Suspense>
  );
}
