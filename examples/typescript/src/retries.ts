/** Retries: after 429 always, after a server error only for requests that are safe to repeat. */

import { setTimeout } from "node:timers/promises";

export type Pause = (seconds: number) => Promise<unknown>;

const MAX_TRIES = 4;

const sleep: Pause = (seconds) => setTimeout(seconds * 1000);

export function withRetries(pause: Pause = sleep): (request: Request) => Promise<Response> {
  return async (request) => {
    for (let tries = 1; ; tries++) {
      const answer = await fetch(request.clone());
      if (tries === MAX_TRIES || !canBeRetried(request, answer)) return answer;
      await answer.body?.cancel();
      await pause(Number(answer.headers.get("retry-after") ?? 2 ** tries));
    }
  };
}

function canBeRetried(request: Request, answer: Response): boolean {
  return answer.status === 429 || (answer.status >= 500 && request.method !== "POST");
}
