/** What a person chose to make the screen easier. Belongs to one visit and is forgotten with it. */
export class Comfort {
  larger = $state(false);
  contrast = $state(false);
  lower = $state(false);
  moreTime = $state(false);

  get chosen(): boolean {
    return this.larger || this.contrast || this.lower || this.moreTime;
  }

  forget(): void {
    this.larger = false;
    this.contrast = false;
    this.lower = false;
    this.moreTime = false;
  }
}
