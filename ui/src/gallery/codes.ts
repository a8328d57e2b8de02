import type { CodeView } from "../lib/generated/CodeView";

const one =
  "M0 0h7v1h-7zM8 0h3v1h-3zM13 0h3v1h-3zM17 0h3v1h-3zM22 0h7v1h-7zM0 1h1v1h-1zM6 1h1v1h-1zM10 1h3v1h-3z" +
  "M15 1h1v1h-1zM18 1h1v1h-1zM22 1h1v1h-1zM28 1h1v1h-1zM0 2h1v1h-1zM2 2h3v1h-3zM6 2h1v1h-1zM8 2h1v1h-1z" +
  "M10 2h1v1h-1zM12 2h2v1h-2zM17 2h1v1h-1zM19 2h1v1h-1zM22 2h1v1h-1zM24 2h3v1h-3zM28 2h1v1h-1zM0 3h1v1h-1z" +
  "M2 3h3v1h-3zM6 3h1v1h-1zM9 3h4v1h-4zM15 3h1v1h-1zM19 3h1v1h-1zM22 3h1v1h-1zM24 3h3v1h-3zM28 3h1v1h-1z" +
  "M0 4h1v1h-1zM2 4h3v1h-3zM6 4h1v1h-1zM9 4h4v1h-4zM15 4h3v1h-3zM20 4h1v1h-1zM22 4h1v1h-1zM24 4h3v1h-3z" +
  "M28 4h1v1h-1zM0 5h1v1h-1zM6 5h1v1h-1zM8 5h2v1h-2zM11 5h1v1h-1zM13 5h2v1h-2zM17 5h1v1h-1zM19 5h1v1h-1z" +
  "M22 5h1v1h-1zM28 5h1v1h-1zM0 6h7v1h-7zM8 6h1v1h-1zM10 6h1v1h-1zM12 6h1v1h-1zM14 6h1v1h-1zM16 6h1v1h-1z" +
  "M18 6h1v1h-1zM20 6h1v1h-1zM22 6h7v1h-7zM12 7h2v1h-2zM17 7h4v1h-4zM0 8h1v1h-1zM2 8h1v1h-1zM6 8h2v1h-2z" +
  "M9 8h1v1h-1zM11 8h3v1h-3zM15 8h1v1h-1zM18 8h1v1h-1zM20 8h1v1h-1zM23 8h1v1h-1zM26 8h1v1h-1zM28 8h1v1h-1z" +
  "M0 9h1v1h-1zM2 9h1v1h-1zM4 9h2v1h-2zM10 9h1v1h-1zM16 9h5v1h-5zM24 9h2v1h-2zM3 10h7v1h-7zM11 10h4v1h-4z" +
  "M17 10h1v1h-1zM20 10h2v1h-2zM24 10h2v1h-2zM28 10h1v1h-1zM0 11h3v1h-3zM5 11h1v1h-1zM8 11h3v1h-3zM14 11h1v1h-1z" +
  "M16 11h2v1h-2zM20 11h1v1h-1zM23 11h2v1h-2zM27 11h1v1h-1zM0 12h7v1h-7zM9 12h11v1h-11zM24 12h1v1h-1z" +
  "M28 12h1v1h-1zM0 13h1v1h-1zM2 13h1v1h-1zM4 13h2v1h-2zM9 13h1v1h-1zM13 13h2v1h-2zM18 13h2v1h-2zM21 13h2v1h-2z" +
  "M24 13h3v1h-3zM28 13h1v1h-1zM2 14h1v1h-1zM5 14h3v1h-3zM9 14h2v1h-2zM15 14h1v1h-1zM19 14h2v1h-2zM22 14h1v1h-1z" +
  "M26 14h1v1h-1zM28 14h1v1h-1zM0 15h3v1h-3zM7 15h4v1h-4zM12 15h2v1h-2zM15 15h2v1h-2zM19 15h1v1h-1zM24 15h3v1h-3z" +
  "M28 15h1v1h-1zM3 16h7v1h-7zM11 16h3v1h-3zM17 16h3v1h-3zM21 16h1v1h-1zM23 16h2v1h-2zM26 16h2v1h-2zM7 17h3v1h-3z" +
  "M11 17h2v1h-2zM15 17h1v1h-1zM18 17h1v1h-1zM20 17h1v1h-1zM22 17h2v1h-2zM28 17h1v1h-1zM0 18h3v1h-3zM4 18h1v1h-1z" +
  "M6 18h3v1h-3zM12 18h3v1h-3zM16 18h1v1h-1zM19 18h3v1h-3zM24 18h1v1h-1zM27 18h1v1h-1zM2 19h1v1h-1zM5 19h1v1h-1z" +
  "M8 19h1v1h-1zM12 19h1v1h-1zM14 19h3v1h-3zM18 19h2v1h-2zM23 19h1v1h-1zM25 19h3v1h-3zM0 20h9v1h-9zM10 20h1v1h-1z" +
  "M13 20h13v1h-13zM27 20h2v1h-2zM8 21h1v1h-1zM10 21h8v1h-8zM19 21h2v1h-2zM24 21h1v1h-1zM26 21h3v1h-3z" +
  "M0 22h7v1h-7zM8 22h3v1h-3zM12 22h1v1h-1zM15 22h1v1h-1zM18 22h1v1h-1zM20 22h1v1h-1zM22 22h1v1h-1zM24 22h5v1h-5z" +
  "M0 23h1v1h-1zM6 23h1v1h-1zM9 23h1v1h-1zM12 23h2v1h-2zM15 23h2v1h-2zM18 23h1v1h-1zM20 23h1v1h-1zM24 23h1v1h-1z" +
  "M26 23h2v1h-2zM0 24h1v1h-1zM2 24h3v1h-3zM6 24h1v1h-1zM10 24h4v1h-4zM15 24h1v1h-1zM20 24h5v1h-5zM26 24h2v1h-2z" +
  "M0 25h1v1h-1zM2 25h3v1h-3zM6 25h1v1h-1zM10 25h4v1h-4zM17 25h1v1h-1zM21 25h1v1h-1zM23 25h1v1h-1zM26 25h2v1h-2z" +
  "M0 26h1v1h-1zM2 26h3v1h-3zM6 26h1v1h-1zM8 26h3v1h-3zM12 26h3v1h-3zM16 26h1v1h-1zM18 26h1v1h-1zM22 26h1v1h-1z" +
  "M26 26h3v1h-3zM0 27h1v1h-1zM6 27h1v1h-1zM9 27h3v1h-3zM14 27h2v1h-2zM18 27h5v1h-5zM26 27h1v1h-1zM28 27h1v1h-1z" +
  "M0 28h7v1h-7zM8 28h1v1h-1zM13 28h2v1h-2zM20 28h1v1h-1zM22 28h3v1h-3zM27 28h2v1h-2z";

const other =
  "M0 0h7v1h-7zM9 0h1v1h-1zM11 0h2v1h-2zM15 0h4v1h-4zM20 0h1v1h-1zM22 0h7v1h-7zM0 1h1v1h-1zM6 1h1v1h-1z" +
  "M9 1h4v1h-4zM17 1h1v1h-1zM22 1h1v1h-1zM28 1h1v1h-1zM0 2h1v1h-1zM2 2h3v1h-3zM6 2h1v1h-1zM8 2h1v1h-1z" +
  "M10 2h1v1h-1zM12 2h1v1h-1zM14 2h1v1h-1zM16 2h2v1h-2zM20 2h1v1h-1zM22 2h1v1h-1zM24 2h3v1h-3zM28 2h1v1h-1z" +
  "M0 3h1v1h-1zM2 3h3v1h-3zM6 3h1v1h-1zM8 3h5v1h-5zM18 3h1v1h-1zM20 3h1v1h-1zM22 3h1v1h-1zM24 3h3v1h-3z" +
  "M28 3h1v1h-1zM0 4h1v1h-1zM2 4h3v1h-3zM6 4h1v1h-1zM8 4h2v1h-2zM11 4h5v1h-5zM19 4h2v1h-2zM22 4h1v1h-1z" +
  "M24 4h3v1h-3zM28 4h1v1h-1zM0 5h1v1h-1zM6 5h1v1h-1zM8 5h1v1h-1zM13 5h3v1h-3zM19 5h2v1h-2zM22 5h1v1h-1z" +
  "M28 5h1v1h-1zM0 6h7v1h-7zM8 6h1v1h-1zM10 6h1v1h-1zM12 6h1v1h-1zM14 6h1v1h-1zM16 6h1v1h-1zM18 6h1v1h-1z" +
  "M20 6h1v1h-1zM22 6h7v1h-7zM8 7h3v1h-3zM13 7h1v1h-1zM15 7h1v1h-1zM0 8h1v1h-1zM2 8h5v1h-5zM9 8h1v1h-1z" +
  "M11 8h2v1h-2zM14 8h4v1h-4zM19 8h2v1h-2zM22 8h5v1h-5zM1 9h1v1h-1zM7 9h1v1h-1zM12 9h1v1h-1zM15 9h1v1h-1z" +
  "M18 9h1v1h-1zM21 9h1v1h-1zM25 9h1v1h-1zM27 9h1v1h-1zM0 10h1v1h-1zM2 10h1v1h-1zM4 10h1v1h-1zM6 10h2v1h-2z" +
  "M10 10h1v1h-1zM16 10h2v1h-2zM21 10h4v1h-4zM26 10h1v1h-1zM1 11h2v1h-2zM5 11h1v1h-1zM8 11h1v1h-1zM10 11h1v1h-1z" +
  "M14 11h1v1h-1zM17 11h2v1h-2zM21 11h1v1h-1zM23 11h1v1h-1zM2 12h1v1h-1zM4 12h1v1h-1zM6 12h1v1h-1zM8 12h2v1h-2z" +
  "M12 12h1v1h-1zM19 12h1v1h-1zM22 12h5v1h-5zM0 13h3v1h-3zM5 13h1v1h-1zM7 13h3v1h-3zM12 13h4v1h-4zM18 13h3v1h-3z" +
  "M22 13h1v1h-1zM25 13h4v1h-4zM0 14h1v1h-1zM2 14h1v1h-1zM5 14h2v1h-2zM9 14h1v1h-1zM11 14h5v1h-5zM20 14h1v1h-1z" +
  "M23 14h1v1h-1zM25 14h1v1h-1zM1 15h2v1h-2zM4 15h1v1h-1zM7 15h2v1h-2zM11 15h1v1h-1zM13 15h1v1h-1zM15 15h2v1h-2z" +
  "M18 15h4v1h-4zM25 15h4v1h-4zM0 16h3v1h-3zM6 16h3v1h-3zM11 16h1v1h-1zM14 16h1v1h-1zM18 16h1v1h-1zM21 16h2v1h-2z" +
  "M24 16h2v1h-2zM27 16h2v1h-2zM0 17h3v1h-3zM4 17h2v1h-2zM7 17h1v1h-1zM9 17h1v1h-1zM11 17h2v1h-2zM17 17h1v1h-1z" +
  "M20 17h5v1h-5zM27 17h2v1h-2zM0 18h1v1h-1zM2 18h1v1h-1zM5 18h3v1h-3zM21 18h8v1h-8zM0 19h1v1h-1zM2 19h3v1h-3z" +
  "M8 19h2v1h-2zM12 19h1v1h-1zM14 19h1v1h-1zM16 19h3v1h-3zM21 19h1v1h-1zM23 19h4v1h-4zM0 20h1v1h-1zM2 20h1v1h-1z" +
  "M4 20h3v1h-3zM10 20h3v1h-3zM19 20h6v1h-6zM26 20h2v1h-2zM8 21h7v1h-7zM16 21h3v1h-3zM20 21h1v1h-1zM24 21h1v1h-1z" +
  "M26 21h1v1h-1zM28 21h1v1h-1zM0 22h7v1h-7zM9 22h3v1h-3zM13 22h2v1h-2zM20 22h1v1h-1zM22 22h1v1h-1zM24 22h1v1h-1z" +
  "M27 22h1v1h-1zM0 23h1v1h-1zM6 23h1v1h-1zM8 23h2v1h-2zM11 23h1v1h-1zM13 23h1v1h-1zM15 23h6v1h-6zM24 23h1v1h-1z" +
  "M26 23h1v1h-1zM0 24h1v1h-1zM2 24h3v1h-3zM6 24h1v1h-1zM8 24h3v1h-3zM12 24h1v1h-1zM14 24h5v1h-5zM20 24h6v1h-6z" +
  "M27 24h2v1h-2zM0 25h1v1h-1zM2 25h3v1h-3zM6 25h1v1h-1zM8 25h3v1h-3zM12 25h2v1h-2zM20 25h1v1h-1zM23 25h2v1h-2z" +
  "M26 25h1v1h-1zM0 26h1v1h-1zM2 26h3v1h-3zM6 26h1v1h-1zM8 26h4v1h-4zM13 26h3v1h-3zM17 26h4v1h-4zM23 26h1v1h-1z" +
  "M25 26h1v1h-1zM27 26h1v1h-1zM0 27h1v1h-1zM6 27h1v1h-1zM13 27h1v1h-1zM18 27h3v1h-3zM22 27h1v1h-1zM24 27h1v1h-1z" +
  "M26 27h3v1h-3zM0 28h7v1h-7zM8 28h1v1h-1zM13 28h1v1h-1zM15 28h2v1h-2zM19 28h1v1h-1zM24 28h4v1h-4z";

/** Two codes of one handoff, for addresses at a host that does not exist. */
export const codes: [CodeView, CodeView] = [
  { path: one, size: 29, typed: "WQDK-RTMP", address: "maren.example/k" },
  { path: other, size: 29, typed: "WQDK-RTMP", address: "maren.example/k" },
];
