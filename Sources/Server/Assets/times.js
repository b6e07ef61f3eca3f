// Times in the reader's language and zone; "3 minutes ago" stays true while the page is open.
// English is written as the pages write it: the day before the month.
const language = navigator.language.startsWith("en") ? "en-GB" : undefined;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "long" });
const units = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

const relation = (instant) => {
  const seconds = (instant - Date.now()) / 1000;
  for (const [unit, length] of units) if (Math.abs(seconds) >= length * (unit === "minute" ? 0.75 : 1)) return relative.format(Math.round(seconds / length), unit);
  return relative.format(0, "second");
};

const write = (root) => {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const instant = new Date(time.dateTime);
    if (Number.isNaN(instant.valueOf())) continue;
    const { relative: isRelative, day: isDay, exact: isExact } = time.dataset;
    const text = isRelative !== undefined ? relation(instant) : isDay !== undefined ? day.format(instant) : isExact !== undefined ? exact.format(instant) : null;
    // What says the same already isn't laid out again.
    if (text !== null && text !== time.textContent) time.textContent = text;
    time.title = exact.format(instant);
  }
};

// The demonstration page shows fixed times.
if (!document.querySelector("[data-frozen]")) {
  write(document);
  setInterval(() => write(document), 30000);
  document.addEventListener("renewed", ({ target }) => write(target));
}
