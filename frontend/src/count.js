// Says how many characters are left; line breaks count as the server counts them.

const SAID_AFTER = 700;

export function countCharacters(line) {
  const area = document.getElementById(line.dataset.countFor);
  const limit = Number(area?.dataset.limit);
  if (!limit) return;
  const calm = line.textContent;
  const spoken = Object.assign(document.createElement("span"), {className: "govuk-visually-hidden"});
  spoken.setAttribute("role", "status");
  line.after(spoken);
  let timer = 0;

  const update = () => {
    const left = limit - [...area.value].length;
    const number = new Intl.NumberFormat(document.documentElement.lang).format(Math.abs(left));
    line.dataset.state = left < 0 ? "over" : "";
    line.textContent = area.value ? `${left < 0 ? line.dataset.over : line.dataset.left} ${number}` : calm;
    clearTimeout(timer);
    // A listener hears it only near the limit and after a pause in typing.
    if (left < limit / 10) timer = setTimeout(() => (spoken.textContent = line.textContent), SAID_AFTER);
  };
  area.addEventListener("input", update);
  update();
}
