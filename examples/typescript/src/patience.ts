/** When a call is sent again: after 429 always, after a failure of the server only where that can do no harm. */

import { setTimeout } from "node:timers/promises";

export type Pause = (seconds: number) => Promise<unknown>;

const MOST_TRIES = 4;

const sleep: Pause = (seconds) => setTimeout(seconds * 1000);

export function patient(pause: Pause = sleep): (request: Request) => Promise<Response> {
  return async (request) => {
    for (let tries = 1; ; tries++) {
      const answer = await fetch(request.clone());
      if (tries === MOST_TRIES || !isWorthAnother(request, answer)) return answer;
      await answer.body?.cancel();
      await pause(Number(answer.headers.get("retry-after") ?? 2 ** tries));
    }
  };
}

function isWorthAnother(request: Request, answer: Response): boolean {
  return answer.status === 429 || (answer.status >= 500 && request.method !== "POST");
}
