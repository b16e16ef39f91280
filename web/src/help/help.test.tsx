import { describe, expect, it } from 'vitest';
import { chaptersOf, titleOf } from './chapters';
import { blocksOf } from './markdown';

describe('the handbook', () => {
  it('has the same chapters and sections in both languages', async () => {
    const outline = async (language: 'zh' | 'en') =>
      Promise.all(
        chaptersOf(language).map(async ({ slug, load }) => [
          slug,
          ...blocksOf(await load()).map((block) => (block.kind === 'heading' ? `h${block.level}` : block.kind)),
        ]),
      );
    const zh = await outline('zh');
    expect(zh.length).toBeGreaterThanOrEqual(6);
    expect(await outline('en')).toEqual(zh);
  });

  it('keeps the languages apart', async () => {
    for (const { load } of chaptersOf('en')) expect(await load()).not.toMatch(/[\u4e00-\u9fff]/);
    for (const { load } of chaptersOf('zh')) expect(titleOf(await load())).toMatch(/[\u4e00-\u9fff]/);
  });

  it('reads headings, paragraphs and lists', () => {
    expect(blocksOf('# A\n\nOne\ntwo\n\n1. x\n2. y\n\n- z')).toEqual([
      { kind: 'heading', level: 1, text: 'A' },
      { kind: 'paragraph', text: 'One two' },
      { kind: 'list', ordered: true, items: ['x', 'y'] },
      { kind: 'list', ordered: false, items: ['z'] },
    ]);
  });
});
