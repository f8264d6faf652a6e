// Something that is asked of the server again whenever what it depends on changes. What was shown stays until the new answer is
// there, so that nothing flickers.
import type { ApiError } from '../api/client';

export class Resource<T> {
  data: T | null = $state.raw(null);
  error: ApiError | null = $state.raw(null);
  loading = $state(false);
  #again = $state(0);

  // To be made while a component is set up. What `load` reads before it first waits is what it depends on; null: nothing to ask.
  constructor(load: (signal: AbortSignal) => Promise<T> | null) {
    $effect(() => {
      void this.#again;
      const controller = new AbortController();
      const asked = load(controller.signal);
      if (!asked) {
        this.data = null;
        return;
      }
      this.loading = true;
      asked.then(
        (data) => {
          if (controller.signal.aborted) return;
          this.data = data;
          this.error = null;
          this.loading = false;
        },
        (error: unknown) => {
          if (controller.signal.aborted) return;
          this.error = error as ApiError;
          this.loading = false;
        },
      );
      return () => controller.abort();
    });
  }

  reload() {
    this.#again += 1;
  }
}
