// The browser's own chooser of files, opened by a button beside it.
import type { RefObject } from 'react';

export function FileInput({
  ref,
  label,
  accept,
  multiple,
  onFiles,
}: {
  ref: RefObject<HTMLInputElement | null>;
  label: string;
  accept?: string;
  multiple?: boolean;
  onFiles: (files: File[]) => void;
}) {
  return (
    <input
      ref={ref}
      type="file"
      accept={accept}
      multiple={multiple}
      aria-label={label}
      className="sr-only"
      tabIndex={-1}
      onChange={(event) => {
        const files = [...(event.target.files ?? [])];
        // So that the same file can be chosen again.
        event.target.value = '';
        onFiles(files);
      }}
    />
  );
}
