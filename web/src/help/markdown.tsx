// The little of Markdown that the handbook is written in, as elements: headings, paragraphs, lists, strong, code, links.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; ordered: boolean; items: string[] };

const ITEM = /^(?:[-*]|(\d+)\.)\s+(.*)$/;

export function blocksOf(source: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const line of source.split('\n')) {
    const text = line.trim();
    const heading = text.match(/^(#{1,4})\s+(.*)$/);
    const item = text.match(ITEM);
    if (text === '') open = null;
    else if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' });
      open = null;
    } else if (item) {
      const ordered = item[1] !== undefined;
      if (open?.kind !== 'list' || open.ordered !== ordered) {
        open = { kind: 'list', ordered, items: [] };
        blocks.push(open);
      }
      open.items.push(item[2] ?? '');
    } else if (open?.kind === 'paragraph') open.text += ` ${text}`;
    else if (open?.kind === 'list') open.items.push(`${open.items.pop() ?? ''} ${text}`);
    else {
      open = { kind: 'paragraph', text };
      blocks.push(open);
    }
  }
  return blocks;
}

const INLINE = /\*\*([^*]+)\*\*|`([^`]+)`|\[([^\]]+)\]\((\/[^)\s]*)\)/g;

/** Links lead only inside the application. */
export function Inline({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(from, match.index));
    const [whole, strong, code, label, to] = match;
    const key = match.index;
    if (strong) parts.push(<strong key={key}>{strong}</strong>);
    else if (code) parts.push(<kbd key={key}>{code}</kbd>);
    else
      parts.push(
        <Link key={key} to={to} className="text-brand-ink underline">
          {label}
        </Link>,
      );
    from = match.index + whole.length;
  }
  parts.push(text.slice(from));
  return parts;
}

export function Markdown({ source }: { source: string }) {
  return blocksOf(source).map((block, index) => {
    if (block.kind === 'heading') {
      const text = <Inline text={block.text} />;
      return block.level === 1 ? (
        <h1 key={index} className="text-lg font-semibold mb-3">
          {text}
        </h1>
      ) : (
        <h2 key={index} className="text-base font-semibold mt-6 mb-2">
          {text}
        </h2>
      );
    }
    if (block.kind === 'paragraph')
      return (
        <p key={index} className="my-2 leading-7">
          <Inline text={block.text} />
        </p>
      );
    const items = block.items.map((item, at) => (
      <li key={at} className="my-1 leading-7">
        <Inline text={item} />
      </li>
    ));
    return block.ordered ? (
      <ol key={index} className="list-decimal pl-6 marker:text-ink-3">
        {items}
      </ol>
    ) : (
      <ul key={index} className="list-disc pl-6 marker:text-ink-3">
        {items}
      </ul>
    );
  });
}
