// A second press of the same button within two seconds does nothing. The server's submission key is what holds;
// this only spares people an answer they would not see. No button is disabled: its value must travel with the form.

const PAUSE = 2_000;

export function guardDoubleSubmit(form) {
  let last = 0;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - last < PAUSE && last) {
      event.preventDefault();
      return;
    }
    last = event.timeStamp;
    const button = event.submitter;
    if (!button) return;
    button.setAttribute("aria-busy", "true");
    setTimeout(() => button.removeAttribute("aria-busy"), PAUSE);
  });
  window.addEventListener("pageshow", () => {
    last = 0;
  });
}
