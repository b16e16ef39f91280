import { Lightbulb } from 'lucide-react';
import { Button } from '../ui/button';
import { useWide } from '../ui/use-media';
import { understood } from './tip';
import { type TipName, useTipWords } from './words';

export default function TipNote({ of }: { of: TipName }) {
  const words = useTipWords();
  const wide = useWide();
  const { desk, phone } = words.tips[of];
  return (
    <aside
      aria-label={words.label}
      className="shrink-0 mx-4 my-2 flex items-center gap-2 rounded-lg bg-brand-soft pl-3 pr-1 py-1 text-ink-2"
    >
      <Lightbulb size={16} aria-hidden className="shrink-0 text-brand-ink" />
      <p className="flex-1 min-w-0 py-1">{wide ? desk : phone}</p>
      <Button size="sm" variant="ghost" className="shrink-0" onClick={() => understood(of)}>
        {words.understood}
      </Button>
    </aside>
  );
}
