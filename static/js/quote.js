// Quoting: data-do="quote" takes what is selected in the text under review, counts it in code points of the text as it was
// received, and puts it into the nearest [data-quote]: inputs data-span="message", "start", "end", and data-span="text".

/** Walk [text or null, code points]: a box counts what it stands for, a printed number nothing. */
function* piecesOf(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node instanceof Text && !node.parentElement?.matches(".unseen, sup")) yield [node, [...node.data].length];
    if (node instanceof Element && node.matches(".unseen, wbr")) yield [null, Number(node.dataset.run ?? 1)];
  }
}

function codePointsBefore(content, node, offset) {
  const range = document.createRange();
  range.setStart(content, 0);
  range.setEnd(node, offset);
  return [...piecesOf(range.cloneContents())].reduce((sum, [, length]) => sum + length, 0);
}

/** Return the place of a code point in `content`: [node, offset]. */
function placeOf(content, codePoint) {
  let left = codePoint;
  for (const [text, length] of piecesOf(content)) {
    if (text && left <= length) return [text, [...text.data].slice(0, Math.max(left, 0)).join("").length];
    left -= length;
  }
  return [content, content.childNodes.length];
}

/** Mark what the form quotes, without touching the text, so that counting stays as it is. */
function markQuotes() {
  if (!CSS.highlights) return;
  const ranges = [];
  for (const quote of document.querySelectorAll("[data-quote]")) {
    const value = (name) => quote.querySelector(`input[data-span=${name}]`).value;
    const content = value("start") && document.querySelector(`[data-message="${value("message")}"] .content`);
    if (!content) continue;
    const range = document.createRange();
    range.setStart(...placeOf(content, Number(value("start"))));
    range.setEnd(...placeOf(content, Number(value("end"))));
    ranges.push(range);
  }
  CSS.highlights.set("quoted", new Highlight(...ranges));
}

const contentOf = (node) => (node instanceof Element ? node : node.parentElement)?.closest(".content:not([data-attached] *)");

/** Return {message, start, end, text} of the selection, or null when it does not lie within one message. */
function selectedSpan() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const content = contentOf(range.startContainer);
  const message = content?.closest("[data-message]")?.dataset.message;
  if (message === undefined || content !== contentOf(range.endContainer)) return null;
  const start = codePointsBefore(content, range.startContainer, range.startOffset);
  const end = codePointsBefore(content, range.endContainer, range.endOffset);
  return start < end ? { message, start, end, text: selection.toString() } : null;
}

addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=quote]");
  const span = button && selectedSpan();
  if (button && !span) button.closest("[data-quote]").querySelector("[data-none]")?.removeAttribute("hidden");
  if (!span) return;
  button.closest("[data-quote]").querySelector("[data-none]")?.setAttribute("hidden", "");
  for (const place of button.closest("[data-quote]").querySelectorAll("[data-span]")) {
    const value = span[place.dataset.span];
    if (place.matches("input")) place.value = value;
    else place.textContent = value.length > 80 ? `“${value.slice(0, 80)}…”` : `“${value}”`;
  }
  button.form.dispatchEvent(new Event("change", { bubbles: true }));
  markQuotes();
});
addEventListener("htmx:load", markQuotes);
markQuotes();
