// Measures the language of Markdown files: the words of a sentence, the share of passive ones, and
// the lines that are too wide. Run by scripts/plain.

import { readFileSync } from 'node:fs';
import { toString as markdownText } from 'mdast-util-to-string';
import { toString as englishText } from 'nlcst-to-string';
import { ParseEnglish } from 'parse-english';
import passivesOf from 'passive-voice';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { visit } from 'unist-util-visit';

/** The average of a document. */
const WORDS_MAX = 15;

/** The words of a single sentence. */
const SENTENCE_MAX = 40;

/** The passive sentences of a document, in percent. */
const PASSIVE_MAX = 25;

/** The last column of a line. */
const COLUMNS_MAX = 100;

/** A cell of a table that has fewer words is a name or a number. */
const CELL_WORDS_MIN = 6;

const english = new ParseEnglish();
const markdown = unified().use(remarkParse).use(remarkGfm);

/** Returns the sentences of a paragraph or of a cell. Code counts as a word that may begin one. */
function sentencesOf(node) {
    visit(node, 'inlineCode', (code) => {
        code.value = 'Code';
    });
    const sentences = [];
    visit(english.parse(markdownText(node)), 'SentenceNode', (sentence) => {
        let words = 0;
        visit(sentence, 'WordNode', () => {
            words += 1;
        });
        const text = englishText(sentence).replace(/\s+/g, ' ');
        sentences.push({ words, text, isPassive: passivesOf(text).length > 0 });
    });
    return sentences.filter(({ words }) => words > 0);
}

function proseOf(text) {
    const sentences = [];
    visit(markdown.parse(text), (node) => {
        if (node.type === 'paragraph') {
            sentences.push(...sentencesOf(node));
        } else if (node.type === 'tableCell') {
            const found = sentencesOf(node);
            const words = found.reduce((sum, sentence) => sum + sentence.words, 0);
            if (words >= CELL_WORDS_MIN) sentences.push(...found);
        }
    });
    return sentences;
}

/** Returns the wide lines, but for those that can't be split: rows of tables and single words. */
function wideLinesOf(text) {
    return text.split('\n').filter((line) =>
        [...line].length > COLUMNS_MAX && !line.startsWith('|') && line.trim().includes(' '));
}

function measure(file) {
    const text = readFileSync(file, 'utf8');
    const sentences = proseOf(text);
    const words = sentences.reduce((sum, sentence) => sum + sentence.words, 0);
    const passive = sentences.filter(({ isPassive }) => isPassive).length;
    return {
        file,
        sentences,
        average: words / (sentences.length || 1),
        longest: Math.max(0, ...sentences.map((sentence) => sentence.words)),
        passive: (100 * passive) / (sentences.length || 1),
        wide: wideLinesOf(text).length,
        lines: text.split('\n').length - 1,
    };
}

function isPlain({ average, longest, passive, wide }) {
    return average <= WORDS_MAX && longest <= SENTENCE_MAX && passive <= PASSIVE_MAX && wide === 0;
}

const [first, ...others] = process.argv.slice(2);
const showsSentences = first === '--sentences';
const documents = (showsSentences ? others : [first, ...others]).map(measure);

const row = (...cells) => {
    const [name, ...numbers] = cells;
    console.log(name.padEnd(36) + numbers.map((cell) => String(cell).padStart(12)).join(''));
};
row('document', 'lines', 'sentences', 'words each', 'longest', 'passive, %', 'wide lines');
for (const found of documents) {
    row(found.file, found.lines, found.sentences.length, found.average.toFixed(1), found.longest,
        found.passive.toFixed(0), found.wide);
    for (const { words, text, isPassive } of showsSentences ? found.sentences : []) {
        if (words > 2 * WORDS_MAX || isPassive) {
            console.log(`    ${words} words${isPassive ? ', passive' : ''}: ${text}`);
        }
    }
}
row('limit', '', '', WORDS_MAX, SENTENCE_MAX, PASSIVE_MAX, 0);

const failed = documents.filter((found) => !isPlain(found));
if (failed.length > 0) {
    console.error(`not plain enough: ${failed.map(({ file }) => file).join(', ')}`);
    process.exit(1);
}
