// "Hide": the button, or Shift pressed three times. The page is blank at once; the server locks the session, with what was
// typed and not saved; then this entry of the history gives way to the neutral page, in every open tab.

const PRESSES = 3;
const WITHIN = 1_500;
const AGAIN = 1_000;
const NEUTRAL = "/locked/";

export function offerHiding(form) {
  const others = new BroadcastChannel("hide");
  const work = document.querySelector("main form input[name=writer]")?.form;
  const before = work && typedIn(work);
  let isHiding = false;

  const leave = () => {
    dispatchEvent(new Event("hide"));
    location.replace(NEUTRAL);
  };

  const blank = () => {
    document.documentElement.classList.add("is-hidden-now");
    document.title = "…";
  };

  async function hide() {
    if (isHiding) return;
    isHiding = true;
    blank();
    const hasTyped = work && typedIn(work) !== before && !work.querySelector("[type=password]");
    await send(hasTyped ? new FormData(work) : new FormData());
    others.postMessage("hide");
    leave();
  }

  // Without a connection the page stays blank and it is tried until the server has locked the session.
  async function send(typed) {
    for (let fields = typed; ; fields = new FormData()) {
      fields.set("hide_from", form.elements.namedItem("hide_from").value);
      try {
        const answer = await fetch(form.action, {method: "POST", body: fields, credentials: "same-origin", redirect: "manual"});
        if (answer.type === "opaqueredirect") return;
      } catch {
        // tried again
      }
      await new Promise((go) => setTimeout(go, AGAIN));
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    hide();
  });
  others.addEventListener("message", () => {
    blank();
    leave();
  });
  onShiftThreeTimes(hide);
  // A page that the browser had kept in memory is asked for anew.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    blank();
    location.reload();
  });
}

function typedIn(form) {
  return JSON.stringify([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}

// A press counts when Shift goes down and up with nothing between: capital letters and selections do not.
function onShiftThreeTimes(act) {
  let presses = [];
  let isClean = false;
  const forget = () => {
    presses = [];
    isClean = false;
  };
  addEventListener("keydown", (event) => {
    if (event.key !== "Shift") return forget();
    if (!event.repeat) isClean = !(event.ctrlKey || event.altKey || event.metaKey);
  }, true);
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !isClean) return;
    isClean = false;
    presses = [...presses.filter((at) => event.timeStamp - at < WITHIN), event.timeStamp];
    if (presses.length < PRESSES) return;
    forget();
    act();
  }, true);
  addEventListener("pointerdown", forget, true);
}
