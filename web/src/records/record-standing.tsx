// What is to be known before working on a record: who else is here, whether it may be contacted, and whose it is. Loaded after the record.
import { lazy, Suspense } from 'react';
import type { ObjectType, Rec } from '../api/types';
import { CUSTOMER_OBJECT } from '../shell/nav';

// Without a network these pieces may be out of reach; the record is what matters.
const nothing = { default: (): null => null };
const Standing = lazy(() => import('../pool/standing').catch(() => nothing));
const PresentHere = lazy(() => import('../presence/here').catch(() => nothing));
const Warnings = lazy(() => import('../presence/warnings').catch(() => nothing));

export function RecordStanding(props: { object: ObjectType; record: Rec; name: string; className?: string }) {
  const { object, record, className } = props;
  if (record.deleted_at) return null;
  return (
    <Suspense fallback={null}>
      <PresentHere key={`here.${record.id}`} object={object.name} id={record.id} className={className} />
      {(object.name === CUSTOMER_OBJECT || object.fields.some((field) => field.reference === CUSTOMER_OBJECT)) && (
        <Warnings object={object.name} id={record.id} className={className} />
      )}
      {object.name === CUSTOMER_OBJECT && <Standing key={`standing.${record.id}`} {...props} />}
    </Suspense>
  );
}
