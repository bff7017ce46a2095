/** Whether counts hold one another: the commonest error of cost reports, decided in one place. */

/**
 * The rule for sources whose meaning varies by version: a total below its cached part can't hold it,
 * so that part was left out of it.
 * @returns the inclusive total.
 */
export function inclusiveInput(total: number, cached: number): number {
  return total < cached ? total + cached : total;
}
