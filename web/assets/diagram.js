// Shows where a case stands on its diagrams; the same stands beside it as a list in words.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const SMALLEST = 0.55;
const READABLE = 0.85;

async function show(box) {
  const answer = await fetch(box.dataset.source, { headers: { Accept: "application/xml" } });
  if (!answer.ok) {
    throw new Error(`${answer.status}`);
  }
  const viewer = new NavigatedViewer({ container: box });
  await viewer.importXML(await answer.text());
  const canvas = viewer.get("canvas");
  mark(viewer, box.dataset.done, "is-done");
  mark(viewer, box.dataset.active, "is-active");
  addButtons(canvas, box);
  showCurrent(viewer, box);
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth && box.clientWidth !== width) {
      width = box.clientWidth;
      showCurrent(viewer, box);
    }
  }).observe(box);
  box.dataset.ready = "yes";
}

function mark(viewer, ids, name) {
  const elements = viewer.get("elementRegistry");
  for (const id of (ids || "").split(" ").filter(Boolean)) {
    if (elements.get(id)) {
      viewer.get("canvas").addMarker(id, name);
    }
  }
}

// Where the whole diagram would be too small to read, begin at what is going on now.
function showCurrent(viewer, box) {
  const canvas = viewer.get("canvas");
  const elements = viewer.get("elementRegistry");
  canvas.resized();
  canvas.zoom("fit-viewport", "auto");
  if (canvas.zoom() >= SMALLEST) {
    return;
  }
  const id = (box.dataset.active || "").split(" ").find((one) => elements.get(one));
  const inner = canvas.viewbox().inner;
  const at = id ? elements.get(id) : { x: inner.x, y: inner.y, width: 0, height: 0 };
  const [width, height] = [box.clientWidth / READABLE, box.clientHeight / READABLE];
  const left = id ? at.x + at.width / 2 - width / 2 : at.x - 20;
  const top = id ? at.y + at.height / 2 - height / 2 : at.y - 20;
  canvas.viewbox({ x: left, y: top, width, height });
}

function addButtons(canvas, box) {
  const bar = document.createElement("div");
  bar.className = "diagram-buttons";
  const steps = [
    [box.dataset.labelIn, "+", () => canvas.zoom(canvas.zoom() * 1.25)],
    [box.dataset.labelOut, "−", () => canvas.zoom(canvas.zoom() / 1.25)],
    [box.dataset.labelFit, "⤢", () => canvas.zoom("fit-viewport", "auto")],
  ];
  for (const [label, sign, act] of steps) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", label);
    button.title = label;
    button.addEventListener("click", act);
    bar.append(button);
  }
  box.before(bar);
}

// A diagram inside a closed <details> has no size yet: it is drawn when it is opened.
function prepare(box) {
  const draw = () => {
    if (!box.dataset.begun) {
      box.dataset.begun = "yes";
      show(box).catch(() => {
        box.dataset.failed = "yes";
        box.textContent = box.dataset.labelFailed;
      });
    }
  };
  const fold = box.closest("details");
  if (fold && !fold.open) {
    fold.addEventListener("toggle", draw, { once: true });
  } else {
    draw();
  }
}

document.querySelectorAll("[data-source].diagram").forEach(prepare);
