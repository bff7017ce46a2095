/** The part of jStat that is used here; it comes without types (https://jstat.github.io/distributions.html). */
declare module "jstat" {
  const jstat: {
    readonly studentt: {
      /** @returns the value that Student's t stays below with this probability. */
      inv(probability: number, degreesOfFreedom: number): number;
    };
  };
  export default jstat;
}
