// “Not known” and its like clear the other boxes, and the other boxes clear them. The server refuses both together.

export function keepExclusive(group) {
  group.addEventListener("change", ({target}) => {
    if (!target.checked) return;
    const isAlone = "alone" in target.dataset;
    for (const box of group.querySelectorAll("input[type=checkbox]")) {
      if (box !== target && (isAlone || "alone" in box.dataset)) box.checked = false;
    }
  });
}
