// Vendors ship their tools beside the driver; what fails in the kernel is not in a program.
import { reason, type Signal } from "./signal.js";

const apart = -5;

export const userProgram: Signal = ({ change }, { programs }) =>
  programs.has(change.file)
    ? reason("program", apart, "its file is of a program, not of the driver")
    : undefined;
