import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/rehearsal/report.js';
import { Desk, leftOnThisMachine, SOLO } from '../desk.js';

const desk = new Desk(`${SOLO}recording: {max: 2}\n`);
afterAll(() => desk.remove());

describe('recording in a rehearsal with machines', () => {
  let answer: Awaited<ReturnType<Desk['convoke']>>;
  let report: Report;

  beforeAll(async () => {
    answer = await desk.convoke(['rehearse', '--scenario', 'recording', '--ports', desk.ports]);
    if (existsSync(`${desk.folder}/rehearsal-report/report.json`))
      report = JSON.parse(desk.read('rehearsal-report/report.json'));
  });

  it('uploads what a recorder recorded, and tells the meeting when a recorder fails', () => {
    expect(answer.exitCode, `${answer.stdout}\n${answer.stderr}`).toBe(0);
    const [scenario] = report.scenarios;
    expect(scenario?.measurements.map(({ id, ok }) => [id, ok])).toEqual(
      ['ready', 'uploaded', 'missing', 'height', 'dark', 'sound', 'told', 'again'].map((id) => [id, true]),
    );
  });

  it('sends one mail about the recorder that failed, and one that all is well again', () => {
    const subjects = report.mails.map(({ subject }) => subject);
    expect(subjects.filter((subject) => !/Confirmation|arrives$/.test(subject))).toEqual([
      'meet.example.org: a recorder failed and is being replaced',
      expect.stringMatching(/^meet\.example\.org: all is well again after /),
    ]);
  });

  it('leaves nothing behind', () => {
    expect(report.leftovers).toEqual([]);
    expect(leftOnThisMachine()).toEqual([]);
  });
});
