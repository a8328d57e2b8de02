/** Lines of each icon on a square of 24. */
export const icons = {
  erase: "M9 5h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H9l-6-7zM12 9.5l5 5M17 9.5l-5 5",
  send: "M12 19V5M6 11l6-6 6 6",
  keyboard:
    "M4 6h16a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 20 18H4a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4 6zM6.5 10h.01M10 10h.01M14 10h.01M17.5 10h.01M8 14h8",
  down: "M6 9l6 6 6-6",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  soundless: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  shift: "M12 4l7 8h-4v7H9v-7H5z",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  bag: "M5.5 8h13l1 12h-15zM9 10.5V7a3 3 0 0 1 6 0v3.5",
  larger: "M3 19l5.5-14L14 19M5 14.5h7M15 19l3-8 3 8M16 16.5h4",
  contrast: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 3.5v17M12 7h5.5M12 10.5h8M12 14h8M12 17.5h5",
  lower: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  time: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2.5",
  close: "M6 6l12 12M18 6L6 18",
  repeat: "M5 12a7 7 0 1 1 2.2 5.1M5 19v-4.5h4.5",
} as const;

export type IconName = keyof typeof icons;
