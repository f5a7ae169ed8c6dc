// When a case may go on: what the server has seen of the program.

// It is bound for Tasks, and has asked for them.
export const live = (server) => () => server.bound('Task').length > 0 && server.requests.some((line) => line.includes('/Task?'));

// And it has had the time to take the answer: two heartbeats have gone out since. What it is told of before the answer is
// there it has in another order, which is right, and not what these cases are about.
export function settled(server) {
  let beats;
  return () => {
    if (!live(server)()) return false;
    beats ??= server.beats;
    return server.beats >= beats + 2;
  };
}
