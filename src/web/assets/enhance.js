// Comfort only: every page does all of its work without this script.
const all = (selector) => document.querySelectorAll(selector);

document.querySelector("[data-focus]")?.focus();

// A one-time ticket does not stay in the address bar.
const hideQuery = document.querySelector("[data-hide-query]")?.dataset.hideQuery;
if (hideQuery) {
  const url = new URL(location.href);
  url.searchParams.delete(hideQuery);
  history.replaceState(null, "", url);
}

// A form is sent once. Back, or ten seconds, frees it again.
const free = (form) => form.removeAttribute("data-sent");
addEventListener("pageshow", () => all("[data-sent]").forEach(free));
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(free, 10_000, form);
});

// A pasted complete code is sent at once, unless the form lacks something else.
addEventListener("input", ({ target: { dataset, form, value }, inputType }) => {
  if (inputType !== "insertFromPaste" || value.replace(/[\s-]/g, "").length !== +dataset.digits) return;
  if (form.checkValidity()) form.requestSubmit();
});

// Says of a new password, while it is typed, what the server refuses in any case. It is sent nowhere for that.
for (const box of all("[data-meter]")) {
  const { meter, shortest, words, ...says } = box.dataset;
  const bar = box.querySelector("[role=meter]");
  document.getElementById(meter).addEventListener("input", ({ target }) => {
    const typed = target.value.normalize("NFC").toLowerCase();
    const rest = words.split(" ").reduce((left, word) => left.replaceAll(word, ""), typed);
    const isPersonal = rest !== typed && [...rest.replace(/[\d\s\p{P}]/gu, "")].length < 6;
    const isLong = [...typed].length >= shortest;
    const state = !isLong ? "short" : isPersonal ? "personal" : new Set(typed).size < 5 ? "few" : "good";
    const value = { short: 1, good: 3 }[state] ?? 2;
    box.hidden = typed === "";
    box.firstChild.className = `meter ${["danger", "warning", "success"][value - 1]}`;
    box.querySelector("b").textContent = says[state];
    bar.ariaValueNow = value;
    bar.ariaValueText = says[state];
    for (const [index, step] of [...bar.children].entries()) step.classList.toggle("full", index < value);
  });
}

for (const button of navigator.clipboard ? all("[data-copy]") : []) {
  button.parentElement.hidden = false;
  button.onclick = async () => {
    const { copy, copied, dropSpaces } = button.dataset;
    const text = document.getElementById(copy).textContent.trim();
    await navigator.clipboard.writeText(dropSpaces === undefined ? text : text.replace(/\s/g, ""));
    button.nextElementSibling.textContent = copied;
  };
}

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.onclick = () => print();
}
