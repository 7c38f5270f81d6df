// Vendors ship their tools and the code for other kernels beside the driver; what fails in this kernel is in neither.
import { reason, type Signal } from "./signal.js";

const apart = -5;

export const elsewhere: Signal = ({ change }, { programs, isForeign }) => {
  if (programs.has(change.file))
    return reason("program", apart, "its file is of a program, not of the driver");
  return isForeign(change.file)
    ? reason("program", apart, "its file is for another kernel than the one that printed the trace")
    : undefined;
};
