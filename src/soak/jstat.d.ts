/** The part that is used; the package has no types of its own. */
declare module 'jstat' {
  const library: {
    readonly jStat: {
      readonly beta: {
        /** The value below which a share `p` of the beta distribution lies. */
        readonly inv: (p: number, alpha: number, beta: number) => number;
      };
    };
  };
  export = library;
}
