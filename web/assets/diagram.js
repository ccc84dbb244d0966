// Shows where a case stands on its diagrams; the same stands beside it as a list in words.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

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
  canvas.zoom("fit-viewport", "auto");
  bringActiveIntoView(viewer, box);
  addButtons(canvas, box);
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

// On a narrow screen the whole diagram would be too small to read: begin at what is going on now.
function bringActiveIntoView(viewer, box) {
  const canvas = viewer.get("canvas");
  const first = (box.dataset.active || "").split(" ").find((id) => viewer.get("elementRegistry").get(id));
  if (canvas.zoom() < 0.55) {
    canvas.zoom(0.7);
    if (first) {
      canvas.scrollToElement(first, 60);
    } else {
      canvas.scroll({ dx: 0, dy: 0 });
    }
  }
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
