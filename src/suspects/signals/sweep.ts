// What was replaced alike in many functions was done by a command, and it works or fails in all of them.
import { reason, type Signal } from "./signal.js";

/** One change in nine is nothing else, hardly ever the guilty one; but a macro can be wrong in one of its places. */
const apart = -1;

export const sweep: Signal = ({ isSweep }) =>
  isSweep
    ? reason("sweep", apart, "it only has words replaced that were replaced alike in many functions")
    : undefined;
