// The end of the rows, where the next page is loaded.
//
// At the top, pages are loaded until the rows fill the window. A reader who scrolls has the next one
// before the end comes into sight. Pages may add hardly any height, where all is folded: after some
// of them the reader is asked.

import { isAtTop, scrollerOf } from "./timeline-scroll.js";

const AHEAD = "1200px 0px";
/** The most pages from one scrolling of the reader to the next. */
const PAGES_MAX = 5;

export class End {
  #host;
  #load;
  #ask;
  #pages = 0;
  #watching = new AbortController();

  /** `load()` loads the next page, and `ask()` asks the reader, who answers with `goOn`. */
  constructor(host, { load, ask }) {
    this.#host = host;
    this.#load = load;
    this.#ask = ask;
  }

  /** Forgets the former rows. */
  reset() {
    this.stop();
    this.#pages = 0;
  }

  stop() {
    this.#watching.abort();
  }

  /**
   * Watches the element at the end. It is called after each page: an end that stays in sight is no
   * news to an observer.
   */
  watch(element) {
    this.stop();
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    const isTop = isAtTop(this.#host);
    const margin = isTop ? "0px" : AHEAD;
    const seen = (entries) => entries.at(-1).isIntersecting && this.#seen();
    const observer = new IntersectionObserver(seen, { rootMargin: margin, scrollMargin: margin });
    observer.observe(element);
    signal.addEventListener("abort", () => observer.disconnect());
    const scroller = scrollerOf(this.#host);
    const scrolled = () => {
      this.#pages = 0;
      if (isTop) this.watch(element);
    };
    (scroller === document.scrollingElement ? document : scroller).addEventListener("scroll", scrolled, { signal, passive: true });
  }

  /** Loads further pages for a reader who has been asked. */
  goOn() {
    this.#pages = 0;
    this.#seen();
  }

  #seen() {
    this.#pages += 1;
    if (this.#pages <= PAGES_MAX) this.#load();
    else this.#ask();
  }
}
