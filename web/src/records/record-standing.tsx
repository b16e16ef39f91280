// What is to be known before working on a record: who else is here, whether it may be contacted, and whose it is. Loaded after the record.
import { lazy, Suspense } from 'react';
import type { ObjectType, Rec } from '../api/types';
import { CUSTOMER_OBJECT } from '../shell/nav';

const Standing = lazy(() => import('../pool/standing'));
const PresentHere = lazy(() => import('../presence/here'));
const Warnings = lazy(() => import('../presence/warnings'));

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
