// SSH, as far as Zorp knows it: it can be recognised.

export { sshDetector } from './ssh-detector.ts';
