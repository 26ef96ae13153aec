/** What of a page people could not read; found in the page itself. */
import type { Page } from 'playwright-core';

/** Elements below `selector` with text that is wider than they are. Fields scroll, and do not count. */
export function cutTexts(page: Page, selector: string): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const isField = (element) => element.matches('input, select, textarea, .qfwd-sr-only');
    return [...document.querySelectorAll(${JSON.stringify(`${selector} *`)})]
      .filter((element) => element.clientWidth > 0 && !isField(element))
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => element.tagName + ': ' + element.textContent.trim());
  })()`);
}

/** Chosen options of selects below `selector` that are wider than the select. */
export function cutChoices(page: Page, selector: string): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const naturalWidth = (select) => {
      const copy = select.cloneNode();
      copy.append(new Option(select.selectedOptions[0].text));
      copy.style.cssText = 'position: absolute; flex: none; width: auto; min-width: 0; max-width: none';
      select.after(copy);
      const { offsetWidth } = copy;
      copy.remove();
      return offsetWidth;
    };
    return [...document.querySelectorAll(${JSON.stringify(`${selector} select`)})]
      .filter((select) => select.clientWidth > 0 && naturalWidth(select) > select.offsetWidth)
      .map((select) => select.selectedOptions[0].text);
  })()`);
}

/** Texts below `selector` that stand out from what is behind them by less than `least` (WCAG 2.1, contrast ratio). */
export function faintTexts(page: Page, selector: string, least: number): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
    const luminance = (color) => {
      const [r, g, b] = numbers(color).map((part) => part / 255)
        .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const isClear = (color) => color === 'transparent' || numbers(color)[3] === 0;
    const behind = (element) => {
      const { backgroundColor } = getComputedStyle(element);
      if (!isClear(backgroundColor)) return backgroundColor;
      return element.parentElement ? behind(element.parentElement) : 'rgb(255, 255, 255)';
    };
    const contrast = (one, other) => {
      const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    return [...document.querySelectorAll(${JSON.stringify(`${selector} *`)})]
      .filter((element) => element.getClientRects().length > 0 && hasText(element) && !element.disabled)
      .map((element) => [contrast(getComputedStyle(element).color, behind(element)), element.textContent.trim()])
      .filter(([ratio]) => ratio < ${least})
      .map(([ratio, text]) => ratio.toFixed(1) + ': ' + text);
  })()`);
}

/** Whether an element is where the user sees it, also after scrolling. */
export function isInSight(page: Page, selector: string): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const element = document.querySelector(${JSON.stringify(selector)});
    const { left, top, width, height } = element.getBoundingClientRect();
    const found = document.elementFromPoint(left + Math.min(width / 2, 20), top + height / 2);
    return found !== null && (element.contains(found) || found.contains(element));
  })()`);
}

/** Controls below `selector` that a screen reader has no name for. */
export function namelessControls(page: Page, selector: string): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    // What is in a select are its options.
    const isNamed = ({ localName, labels, title, textContent, ariaLabel }) =>
      [...(labels ?? [])].some((label) => label.textContent.trim()) ||
      ariaLabel || title || (localName === 'button' && textContent.trim());
    return [...document.querySelectorAll(${JSON.stringify(selector)})]
      .flatMap((place) => [...place.querySelectorAll('input, textarea, button, select')])
      .filter((control) => control.getClientRects().length > 0 && control.type !== 'hidden')
      .filter((control) => !isNamed(control))
      .map(({ outerHTML }) => outerHTML.slice(0, 120));
  })()`);
}
