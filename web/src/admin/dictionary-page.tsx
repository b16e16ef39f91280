// The data dictionary: every kind of record, by layer.
import { Link, useNavigate } from '@tanstack/react-router';
import { Download, Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import { useLexicon } from '../api/dictionary';
import type { Layer } from '../api/types';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useMay } from '../session/session';
import { objectIcon } from '../shell/object-icon';
import { Tip } from '../tips/tip';
import { Chip, PageTitle, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { ObjectForm } from './object-form';
import { useAdminText } from './text';

const LAYERS: Layer[] = ['basic', 'business', 'behaviour', 'analysis', 'system'];

export default function DictionaryPage() {
  const t = useT();
  const a = useAdminText();
  const label = useLabel();
  const navigate = useNavigate();
  const { objects } = useLexicon();
  const may = useMay('dictionary');
  const [adding, setAdding] = useState(false);
  useTitle(a.dictionary.title);
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <PageTitle title={a.dictionary.title} count={objects.length}>
        <Button
          icon={Download}
          onClick={() =>
            void api
              .download('/dictionary/export.xlsx', 'dictionary.xlsx')
              .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }))
          }
          aria-label={a.dictionary.export}
        >
          <span className="max-md:hidden">{a.dictionary.export}</span>
        </Button>
        {may && (
          <Button variant="primary" icon={Plus} onClick={() => setAdding(true)} aria-label={a.dictionary.newObject}>
            <span className="max-md:hidden">{a.dictionary.newObject}</span>
          </Button>
        )}
      </PageTitle>
      <Tip of="dictionary" />
      <div className="flex-1 min-h-0 overflow-auto border-t border-line px-4 pb-8 thin-bar">
        {LAYERS.map((layer) => {
          const here = objects.filter((object) => object.layer === layer);
          if (here.length === 0) return null;
          return (
            <section key={layer} className="pt-4">
              <h2 className="text-xs font-semibold text-ink-3 mb-2">{a.dictionary.layers[layer]}</h2>
              <ul className="grid grid-cols-1 md:grid-cols-3 lg:grid-cols-4 gap-2">
                {here.map((object) => {
                  const Icon = objectIcon(object.icon);
                  return (
                    <li key={object.name}>
                      <Link
                        to="/admin/dictionary/$object"
                        params={{ object: object.name }}
                        className="flex items-start gap-2.5 rounded-lg border border-line p-3 h-full hover:border-line-strong"
                      >
                        <Icon size={18} aria-hidden className="text-brand-ink shrink-0 mt-0.5" />
                        <span className="min-w-0">
                          <span className="flex items-center gap-1.5 font-medium">
                            {label(object.label_plural)}
                            {object.custom && <Chip color="purple">{a.dictionary.custom}</Chip>}
                          </span>
                          <span className="block text-xs text-ink-3">
                            {a.dictionary.fields(object.fields.filter((field) => !field.system).length)}
                          </span>
                          {object.help && (
                            <span className="text-xs text-ink-3 truncate-2 mt-0.5">{label(object.help)}</span>
                          )}
                        </span>
                      </Link>
                    </li>
                  );
                })}
              </ul>
            </section>
          );
        })}
      </div>
      {adding && (
        <ObjectForm
          onClose={() => setAdding(false)}
          onAdded={(name) => void navigate({ to: '/admin/dictionary/$object', params: { object: name } })}
        />
      )}
    </div>
  );
}
