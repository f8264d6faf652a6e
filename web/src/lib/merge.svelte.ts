// Who stays when several are merged. The server keeps the first, with name and number; a name is never given up unasked.
import { api, ask, type WebPerson } from '../api/client';

interface Choice {
  caseId: string;
  named: WebPerson[];
  answer: (stays: number | null) => void;
}

export const choice = $state<{ open: Choice | null }>({ open: null });

// The numbers in the order of the merge; null: the user thought better of it.
export async function mergeOrder(caseId: string, list: WebPerson[]): Promise<number[] | null> {
  const order = [...list]
    .sort((a, b) => Number(b.named) - Number(a.named) || b.person.screen_ms - a.person.screen_ms || a.person.id - b.person.id)
    .map((each) => each.person.id);
  const named = list.filter((each) => each.named);
  if (named.length < 2) return order;
  const stays = await new Promise<number | null>((resolve) => {
    choice.open = {
      caseId,
      named,
      answer: (chosen) => {
        choice.open = null;
        resolve(chosen);
      },
    };
  });
  return stays === null ? null : [stays, ...order.filter((each) => each !== stays)];
}

export async function mergeOrderOf(caseId: string, persons: number[]): Promise<number[] | null> {
  const details = await Promise.all(
    persons.map((person) => ask(api.GET('/cases/{case}/people/{person}', { params: { path: { case: caseId, person } } }))),
  );
  return mergeOrder(
    caseId,
    details.map((each) => each.person),
  );
}
