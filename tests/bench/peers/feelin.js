// What the measurement calls in a bare JavaScript engine: the module as one global function.
import { evaluate } from "feelin";

globalThis.evaluateFeel = evaluate;
