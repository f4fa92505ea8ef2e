/** A view that loads, with its style, when it is first drawn. */
import { useSignal, useSignalEffect } from '@preact/signals';
import { Fragment, type FunctionComponent } from 'preact';
import { standing } from '../standing.ts';
import { TEXTS } from '../texts/page.ts';

/** `style`: a name in `WEB_FILES.styles`; `Meanwhile`: shown in its place until it is loaded. */
export function lazy<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
  style?: keyof typeof WEB_FILES.styles,
  Meanwhile: 'main' | typeof Fragment = Fragment,
): FunctionComponent<Props> {
  let loaded: FunctionComponent<Props> | undefined;
  return function Lazy(props: Props) {
    const isLoaded = useSignal(loaded !== undefined);
    const fault = useSignal(false);
    useSignalEffect(() => {
      // Failed loads are retried when the server is back.
      if (standing.value && !isLoaded.peek()) {
        Promise.all([load(), styled(style)]).then(
          ([view]) => {
            loaded = view;
            isLoaded.value = true;
          },
          () => {
            fault.value = true;
          },
        );
      }
    });
    const View = isLoaded.value ? loaded : undefined;
    return View ? (
      <View {...props} />
    ) : (
      <Meanwhile>
        {fault.value && (
          <p class="nothing">
            {TEXTS.notLoaded}.{' '}
            <button type="button" onClick={() => location.reload()}>
              {TEXTS.reload}
            </button>
          </p>
        )}
      </Meanwhile>
    );
  };
}

/** A style is not loaded with the module that needs it. */
function styled(name: keyof typeof WEB_FILES.styles | undefined): Promise<void> {
  if (name === undefined) {
    return Promise.resolve();
  }
  const href = new URL(WEB_FILES.styles[name], import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) {
    return Promise.resolve();
  }
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
  return new Promise((resolve, reject) => {
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => {
      link.remove();
      reject(new Error(href));
    });
    document.head.append(link);
  });
}
