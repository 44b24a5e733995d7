// Hides a question while the answer it depends on is not chosen. A question with an error always shows.

export function showWhenChosen(form) {
  const groups = [...form.querySelectorAll("[data-shown-when]")];
  if (!groups.length) return;

  const chosen = (name) => new FormData(form).getAll(name);

  const update = () => {
    for (const group of groups) {
      const wanted = group.dataset.shownValues.split(" ");
      const isWanted = chosen(group.dataset.shownWhen).some((value) => wanted.includes(value));
      group.hidden = !isWanted && !group.classList.contains("govuk-form-group--error");
    }
  };
  form.addEventListener("change", update);
  update();
}
