// How something repeats (RFC 5545). Words and picker are loaded when one is looked at.
import { lazy, Suspense } from 'react';
import type { EditProps, FieldKind, ViewProps } from './kind';

const Words = lazy(() => import('./recurrence-parts').then((module) => ({ default: module.Words })));
const Picker = lazy(() => import('./recurrence-parts').then((module) => ({ default: module.RecurrencePicker })));

const View = ({ value }: ViewProps) => (
  <Suspense>
    <Words rule={String(value)} />
  </Suspense>
);

const Edit = (props: EditProps) => (
  <Suspense fallback={<input id={props.id} className="control" disabled aria-busy />}>
    <Picker {...props} />
  </Suspense>
);

export const recurrence: FieldKind = { View, Edit, width: 140 };
