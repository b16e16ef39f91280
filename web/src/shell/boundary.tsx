import { Component, type ReactNode } from 'react';
import { useT } from '../i18n';
import { Button } from '../ui/button';

/** Keeps a broken page from taking the rest down with it. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  render() {
    return this.state.failed ? <Crashed /> : this.props.children;
  }
}

export function Crashed() {
  const t = useT();
  return (
    <div role="alert" className="h-full grid place-items-center p-6">
      <div className="flex flex-col items-center gap-3 text-center max-w-sm">
        <h1 className="text-lg font-semibold">{t.fault.crashed}</h1>
        <p className="text-ink-2">{t.fault.crashedText}</p>
        <Button variant="primary" onClick={() => location.reload()}>
          {t.fault.reload}
        </Button>
      </div>
    </div>
  );
}
