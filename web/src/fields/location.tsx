import { LocateFixed, MapPin } from 'lucide-react';
import type { Location } from '../api/types';
import { useT } from '../i18n';
import { Button } from '../ui/button';
import { type EditProps, type FieldKind, isEmpty, type ViewProps } from './kind';
import { TextInput } from './text';

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const place = value as Location | null | undefined;
  return place && typeof place === 'object' ? `${place.lat}, ${place.lng}` : '';
}

function View({ value }: ViewProps) {
  const place = value as Location;
  return (
    <a
      href={`geo:${place.lat},${place.lng}`}
      className="inline-flex items-center gap-1 hover:text-brand-ink hover:underline"
      onClick={(event) => event.stopPropagation()}
    >
      <MapPin size={14} aria-hidden />
      {place.lat?.toFixed(4)}, {place.lng?.toFixed(4)}
    </a>
  );
}

export function parseLocation(text: string): Location | null {
  const match = text.normalize('NFKC').match(/^\s*(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)\s*$/);
  if (!match) return null;
  const place = { lat: Number(match[1]), lng: Number(match[2]) };
  return Math.abs(place.lat) <= 90 && Math.abs(place.lng) <= 180 ? place : null;
}

function Edit(props: EditProps) {
  const t = useT();
  const locate = () =>
    navigator.geolocation?.getCurrentPosition(({ coords }) =>
      props.onChange({ lat: coords.latitude, lng: coords.longitude }),
    );
  return (
    <div className="flex gap-2">
      <div className="flex-1">
        <TextInput
          {...props}
          value={asText(props.value)}
          onChange={(value) => props.onChange(parseLocation(String(value)) ?? value)}
          placeholder="30.2741, 120.1551"
        />
      </div>
      {'geolocation' in navigator && <Button icon={LocateFixed} aria-label={t.record.navigate} onClick={locate} />}
    </div>
  );
}

export const location: FieldKind = {
  View,
  Edit,
  width: 150,
  wire: (value) => (value === '' ? null : value),
  check: (value, _, t) => (isEmpty(value) || typeof value === 'object' ? null : t.form.number),
};
