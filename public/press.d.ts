interface Window {
  /** Calls what would change the page once nothing is being pressed. */
  HoneycabPress: { afterwards(act: () => void): void }
}
