// Whether and how a terminal can be drawn on. Thread-safe.
#pragma once

namespace crossface {

// Standard input and standard error are terminals, of a kind that can move its cursor and large enough.
bool CanDrawOnTerminal();

// Gives the terminal back as it was before anything was drawn on it; nothing where nothing is. For signal
// handlers that end the program: it is safe there.
void RestoreTerminal();

}  // namespace crossface
