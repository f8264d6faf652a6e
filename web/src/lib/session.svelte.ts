// Who is at the page. The token of the start is taken out of the address and becomes the session's cookie.
import { api, ApiError, ask, onApiError, type About, type Session } from '../api/client';

type State = 'asking' | 'out' | 'in';

export const session = $state<{ state: State; who: Session | null; about: About | null; wrong: boolean; ended: boolean }>({
  state: 'asking',
  who: null,
  about: null,
  wrong: false,
  ended: false,
});

export const canChange = () => session.who?.role === 'reviewer';

function takeToken(): string | null {
  const address = new URL(location.href);
  const token = address.searchParams.get('token');
  if (token !== null) {
    address.searchParams.delete('token');
    history.replaceState(null, '', address);
  }
  return token;
}

async function entered(who: Session) {
  session.who = who;
  session.wrong = false;
  session.ended = false;
  session.state = 'in';
  session.about = await ask(api.GET('/about'));
}

export async function logIn(body: { token?: string; name?: string; password?: string }) {
  try {
    await entered(await ask(api.POST('/session', { body })));
  } catch (error) {
    session.wrong = error instanceof ApiError && error.status !== 0;
    if (session.state === 'asking') session.state = 'out';
  }
}

export async function logOut() {
  await ask(api.DELETE('/session'));
  session.state = 'out';
  session.who = null;
}

export async function beginSession() {
  onApiError((error) => {
    if (error.status !== 401 || session.state !== 'in') return;
    session.ended = true;
    session.state = 'out';
  });
  const token = takeToken();
  if (token !== null) {
    await logIn({ token });
    return;
  }
  for (;;) {
    try {
      await entered(await ask(api.GET('/session')));
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 0) break;
      await new Promise((resolve) => setTimeout(resolve, 2000)); // the server is not there yet
    }
  }
  session.state = 'out';
}
